import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'sched.constraints',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
