/** A diagnosis from a recording, without a cluster. */
import { type Recorded, recordedReader } from '../src/cluster/recorded.ts';
import { type RecordingReader, recordingReader } from '../src/cluster/recording.ts';
import { loadRecorded, loadScenario, type Phase, type Scenario, targetIn } from '../src/cluster/scenario.ts';
import { diagnose, type Look } from '../src/diagnose.ts';
import { folderOf, scenarioNames } from './scenarios.ts';

/** @returns what `load` gives, loaded once for a name: reading all recordings takes as long as diagnosing them. */
const once = <T>(load: (name: string) => T): ((name: string) => T) => {
  const known = new Map<string, T>();
  return (name) => {
    if (!known.has(name)) known.set(name, load(name));
    return known.get(name)!;
  };
};

/** @returns the scenario of that folder. @throws ScenarioError */
export const scenarioOf: (name: string) => Scenario = once((name) => loadScenario(folderOf(name)));

const phases: Readonly<Record<Phase, (name: string) => Recorded | undefined>> = {
  fault: once((name) => loadRecorded(folderOf(name), 'fault')),
  terminated: once((name) => loadRecorded(folderOf(name), 'terminated')),
  after: once((name) => loadRecorded(folderOf(name), 'after')),
};

/** @returns the recording of that scenario in that phase, the same object each time; undefined where there is none. */
export const recordedOf = (name: string, phase: Phase = 'fault'): Recorded | undefined => phases[phase](name);

export interface RecordedScenario {
  readonly name: string;
  readonly scenario: Scenario;
  readonly recorded: Recorded;
}

/** Whether the tests of properties take every recording, not a sample. */
export const ALL = process.env.KDEBUG_PROPERTY === 'all';

/** @returns every n-th scenario, as far as it has a recording; of `ALL`, every one. */
export const sample = (n: number): RecordedScenario[] =>
  scenarioNames()
    .filter((_, index) => ALL || index % n === 0)
    .flatMap((name) => {
      const recorded = recordedOf(name);
      return recorded ? [{ name, scenario: scenarioOf(name), recorded }] : [];
    });

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
