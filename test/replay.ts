/** A diagnosis from a recording, without a cluster. */
import { type Recorded, recordedReader } from '../src/cluster/recorded.ts';
import { type RecordingReader, recordingReader } from '../src/cluster/recording.ts';
import { type Scenario, targetIn } from '../src/cluster/scenario.ts';
import { diagnose, type Look } from '../src/diagnose.ts';

const CONNECTION = { context: 'recorded', server: 'a recording', flags: [] };

/** @returns the diagnosis, what it rests on, and a reader that knows all that was asked. */
export async function replay(scenario: Scenario, { recording, logs }: Recorded): Promise<Look & { reader: RecordingReader }> {
  const reader = recordingReader(recordedReader(recording, logs));
  const options = { now: recording.now, probe: scenario.probe, clock: () => 0 };
  return { ...(await diagnose(reader, CONNECTION, targetIn(scenario, recording), options)), reader };
}

/** @returns what a check said when it threw. */
export const bugs = ({ diagnosis }: Pick<Look, 'diagnosis'>): string[] =>
  diagnosis.ledger.flatMap(({ question, says }) => (says.includes('a bug in kdebug') ? [`${question}: ${says}`] : []));
