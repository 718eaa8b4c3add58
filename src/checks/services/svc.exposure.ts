import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'svc.exposure',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
