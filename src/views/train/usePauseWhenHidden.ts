// A hidden tab goes on training; pausing it there is a setting. A run that was paused for that goes on when one comes back.
import { useEffect } from 'react';
import { usePreferences } from '../../stores/preferences';
import { useRun } from '../../stores/run';
import { pause, play } from '../../stores/runActions';

export function usePauseWhenHidden(): void {
  useEffect(() => {
    let pausedHere = false;
    const onChange = (): void => {
      if (document.hidden) {
        pausedHere = usePreferences.getState().pauseWhenHidden && useRun.getState().run.phase === 'training';
        if (pausedHere) void pause();
      } else if (pausedHere) {
        pausedHere = false;
        void play();
      }
    };
    document.addEventListener('visibilitychange', onChange);
    return () => document.removeEventListener('visibilitychange', onChange);
  }, []);
}
