import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'gw.route-refs',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
