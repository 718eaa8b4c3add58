/** What a line of a log says, joined with the spec: one builder for each cause that a line can name. */
import type { CauseId } from '../../causes.ts';
import type { SpokenCrash, Tale } from './crash-story.ts';
import { configMalformed, fileNotFound, moduleMissing, noSpace, permissionDenied, readOnly } from './tales-files.ts';
import {
  certificateRefused,
  connectionRefused,
  connectionReset,
  connectionTimeout,
  databaseMissing,
  databaseRefuses,
  nameUnknown,
} from './tales-network.ts';
import { commandUnknown, formatUnknown, interpreterMissing } from './tales-programs.ts';
import { addressInUse, apiForbidden, badFlag, bindPermission, environmentMissing, outOfMemory } from './tales-settings.ts';

/** The causes whose builder reads more out of the line than its text. */
export type ToldCause = Extract<
  CauseId,
  `log-${string}` | 'exec-format-error' | 'script-interpreter-missing' | 'exit-127-command-not-found'
>;

export const TALES: Readonly<Record<ToldCause, (crash: SpokenCrash) => Tale>> = {
  'log-oom': outOfMemory,
  'log-address-in-use': addressInUse,
  'log-bind-permission': bindPermission,
  'log-permission-file': permissionDenied,
  'log-readonly-fs': readOnly,
  'log-no-space': noSpace,
  'log-file-not-found': fileNotFound,
  'log-module-missing': moduleMissing,
  'log-env-missing': environmentMissing,
  'log-config-parse': configMalformed,
  'log-bad-flag': badFlag,
  'log-dns-failure': nameUnknown,
  'log-conn-refused': connectionRefused,
  'log-conn-timeout': connectionTimeout,
  'log-conn-reset': connectionReset,
  'log-db-auth': databaseRefuses,
  'log-db-missing': databaseMissing,
  'log-tls-verify': certificateRefused,
  'log-k8s-forbidden': apiForbidden,
  'exec-format-error': formatUnknown,
  'script-interpreter-missing': interpreterMissing,
  'exit-127-command-not-found': commandUnknown,
};
