/** Are the credentials for the registry present and accepted? */
import { answer, couldNotLook, defineCheck, notApplicable } from '../answers.ts';
import { anyContainer } from './containers.ts';
import { pullErrors, pullReads, pullReport } from './pull-errors.ts';
import { type AuthCause, mayBeUnreadSecret, pullSecretFault, pullSecretReads } from './pull-secrets.ts';

export const check = defineCheck<AuthCause>({
  question: 'image.auth',
  causes: ['image-pull-auth-missing', 'image-pull-node-credentials-denied', 'image-pull-secret-not-found', 'image-pull-secret-wrong'],
  reads: (a) => [...pullReads(a), ...pullSecretReads(a)],
  judge: (a) => {
    if (!anyContainer(a)) return notApplicable('No container has come this far.');
    const reports = pullErrors(a).flatMap((error) => {
      const fault = pullSecretFault(a, error);
      return fault ? [pullReport(error, fault)] : [];
    });
    if (reports.length === 0 && mayBeUnreadSecret(a))
      return couldNotLook('A registry refused a pull, and the pull Secret that the Pod names could not be read.');
    return answer(reports, 'No registry refused credentials.');
  },
});
