/** What does the exit code say? 126 to 159 have meanings of their own, 0 is no failure, and of the rest the log tells. */
import { fine } from '../answers.ts';
import { crashCheck } from './crashes.ts';

export const check = crashCheck('crash.exit-code', () => fine('No exit code names a cause.'));
