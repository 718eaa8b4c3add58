import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'svc.pod-ip',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
