/** A Ui for tests: answers from a list, remembers what was shown. */
import { render } from './render.ts';
import { Interrupted, type Prompt, type Ui } from './ui.ts';

export interface ScriptedUi extends Ui {
  /** All that was shown, as plain text. */
  readonly shown: string[];
  readonly prompts: Prompt[];
}

/**
 * @param answers ids of the choices to make, in order; a function runs first (a fix from outside) and gives the id
 * @throws Interrupted when the answers run out; Error when an answer is not on offer
 */
export function scriptedUi(answers: readonly (string | (() => string | Promise<string>))[]): ScriptedUi {
  const left = [...answers];
  const shown: string[] = [];
  const prompts: Prompt[] = [];
  return {
    shown,
    prompts,
    show: (lines) => void shown.push(render(lines, { colour: false, width: 100 })),
    working: (_, work) => work(() => {}),
    waiting: (_, work) => work(() => {}, AbortSignal.abort()),
    copy: (text) => void shown.push(`copied: ${text}\n`),
    async ask<Id extends string>(prompt: Prompt<Id>): Promise<Id> {
      prompts.push(prompt);
      const next = left.shift();
      if (next === undefined) throw new Interrupted();
      const id = typeof next === 'string' ? next : await next();
      const choice = prompt.choices.find((one) => one.id === id);
      if (!choice) throw new Error(`"${id}" is not on offer: ${prompt.choices.map((one) => one.id).join(', ')}`);
      return choice.id;
    },
  };
}
