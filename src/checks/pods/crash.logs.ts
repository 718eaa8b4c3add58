/** What did the application say last? The previous log first: the current one is of a run that has not failed yet. */
import { couldNotLook, fine } from '../answers.ts';
import { inWords } from './containers.ts';
import { crashCheck } from './crashes.ts';

export const check = crashCheck('crash.logs', (all) => {
  const unread = all.find(({ crash }) => !crash.words.readable);
  return unread
    ? couldNotLook(`The log of ${inWords(unread.crash.container)} could not be read: ${unread.crash.words.why}.`)
    : fine('The logs say no more than is known.');
});
