import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'start.volumes',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
