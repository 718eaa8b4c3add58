import { defineCheck, notApplicable } from '../answers.ts';

export const check = defineCheck({
  question: 'gw.route-accepted',
  causes: [],
  reads: () => [],
  judge: () => notApplicable('STUB'),
});
