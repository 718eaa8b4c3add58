/** What a finding about a container that cannot be created is made of. */
import type { CauseId } from '../../causes.ts';
import type { Report } from '../../model.ts';

export type CreateCause = Extract<
  CauseId,
  'no-command' | `create-${'name-reserved' | 'context-deadline' | 'security-option' | 'mount-source' | 'error-unclassified'}`
>;

/** The part of a report that differs from cause to cause; where the runtime said so is added to the evidence. */
export type CreateStory = Pick<Report<CreateCause>, 'cause' | 'message'> &
  Partial<Pick<Report<CreateCause>, 'evidence' | 'remedies' | 'nextChecks'>>;
