import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'svc.exists',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
