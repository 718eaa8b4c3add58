import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'sched.capacity',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
