import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'sched.volumes',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
