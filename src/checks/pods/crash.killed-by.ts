/** Do they end on their own? The kernel kills for memory, the kubelet for a probe; what else kills cannot be seen. */
import { fine } from '../answers.ts';
import { crashCheck } from './crashes.ts';

export const check = crashCheck('crash.killed-by', () => fine('No container was killed from outside.'));
