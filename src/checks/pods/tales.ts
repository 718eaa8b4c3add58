/** What to tell for each cause that a log line can name: a cause without its tale does not compile. */
import type { SpokenCrash, Tale } from './crash-story.ts';
import type { LogCause } from './log-pattern.ts';
import { configMalformed, fileNotFound, moduleMissing, noSpace, permissionDenied, readOnly } from './tales-files.ts';
import {
  cloudRefuses,
  leaseLost,
  licenceMissing,
  mapCountTooLow,
  migrationFails,
  tooManyConnections,
  tooManyFiles,
} from './tales-limits.ts';
import {
  certificateRefused,
  connectionRefused,
  connectionReset,
  connectionTimeout,
  databaseMissing,
  databaseRefuses,
  nameUnknown,
} from './tales-network.ts';
import { addressInUse, bindPermission } from './tales-ports.ts';
import { commandMissing, crashedNatively, interpreterMissing, unknownFormat } from './tales-programs.ts';
import { apiForbidden, badFlag, outOfMemory } from './tales-settings.ts';
import { environmentMissing } from './tales-variables.ts';

/** Of an error that names nothing (a stack trace) there is no more to tell than `applicationError` does. */
export const TALES: { readonly [C in Exclude<LogCause, 'exit-1-app-error'>]: (crash: SpokenCrash) => Tale } = {
  'exec-format-error': unknownFormat,
  'script-interpreter-missing': interpreterMissing,
  'exit-127-command-not-found': commandMissing,
  'exit-139-segfault': crashedNatively,
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
  'log-migration': migrationFails,
  'log-db-too-many': tooManyConnections,
  'log-cloud-credentials': cloudRefuses,
  'log-too-many-files': tooManyFiles,
  'log-ulimit-vm-map': mapCountTooLow,
  'log-leader-lease': leaseLost,
  'log-license': licenceMissing,
  'log-k8s-forbidden': apiForbidden,
};
