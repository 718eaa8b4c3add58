/** The workload of `--from`, as it is written: `deployment/frontend`, or with its namespace `deployment/frontend.web`. */
import { kindNamed } from '../kinds.ts';
import type { Caller } from '../model.ts';
import { WORKLOAD_KINDS } from './template.ts';

/**
 * @param text TYPE/NAME or TYPE/NAME.NAMESPACE; a name with a dot in it must be written with its namespace, which never has one
 * @param namespace that of the target, where the text names none
 * @returns the workload; undefined: it is not written like that, or is of a kind that has no Pods
 */
export function callerNamed(text: string, namespace: string): Caller | undefined {
  const [type = '', full = '', ...more] = text.split('/');
  const kind = WORKLOAD_KINDS.find((one) => one === kindNamed(type));
  const dot = full.lastIndexOf('.');
  const [name, place] = dot < 0 ? [full, namespace] : [full.slice(0, dot), full.slice(dot + 1)];
  return kind && more.length === 0 && name && place ? { kind, namespace: place, name } : undefined;
}
