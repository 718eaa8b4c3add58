import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'svc.proxy',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
