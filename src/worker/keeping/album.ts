// The commands about the kept moments of runs, and about the room they are kept in.
import { checkSnapshotSettings, type SnapshotSettings } from '../../config/snapshotSettings';
import { err, ok } from '../../core/result';
import type { Handlers } from '../../protocol/channel';
import type { EngineError } from '../../protocol/errors';
import { failureOf } from '../failure';
import type { LiveRun } from '../liveRun';
import type { Archive } from './archive';
import { readMoment, type LiveLadder } from './momentFile';

/** The session, as far as the album needs it. */
export interface AlbumRoom {
  readonly archive: Archive;
  /** How moments are kept, as the page last said. */
  snapshots: SnapshotSettings;
  run(): LiveRun | null;
  live(): LiveLadder | null;
  /** Why nothing can be read from the device; null where it can. */
  lost(): EngineError | null;
}

type Commands = 'keepSnapshots' | 'takeSnapshot' | 'runSnapshots' | 'momentConfig' | 'storageRoom';

export function createAlbum(room: AlbumRoom): Pick<Handlers, Commands> {
  return {
    keepSnapshots: ({ settings }) => {
      const checked = checkSnapshotSettings(settings);
      if (!checked.ok) return err({ code: 'invalid-config', fields: checked.error });
      room.snapshots = checked.value;
      return ok(null);
    },
    takeSnapshot: async () => {
      const [run, lost] = [room.run(), room.lost()];
      if (lost) return err(lost);
      if (!run) return err({ code: 'no-run' });
      try {
        const error = await run.takeSnapshot();
        return error ? err(error) : ok(null);
      } catch (thrown) {
        return err(room.lost() ?? failureOf(thrown));
      }
    },
    runSnapshots: async ({ runId }) => {
      const ladder = await room.archive.ladder(runId);
      const live = room.live();
      const about = live?.runId === runId ? live : ladder;
      if (!about) return err({ code: 'model-unavailable', detail: `no moment is kept of ${runId}` });
      return ok({ runId, isFromSeed: about.isFromSeed, rungs: ladder?.rungs ?? [], missed: 0, error: null });
    },
    momentConfig: async ({ moment: { runId, step } }) => {
      const moment = await readMoment(room.archive, runId, step, room.live());
      return moment.ok ? ok(moment.value.config) : moment;
    },
    storageRoom: async () => ok(await room.archive.room()),
  };
}
