import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'svc.ports',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
