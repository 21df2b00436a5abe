// In the place of a moment's maps before anybody has asked for them: what they would show, what that takes, and the button that asks.
import { Button } from '../../components/Button';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import { chooseModel } from '../../stores/chosenModel';
import type { LineMoment } from '../../stores/line';
import { focusLine } from './focus';
import styles from './Timeline.module.css';

export function MapsOnDemand({ moment: { ref, step } }: { readonly moment: LineMoment }) {
  const { t, integer } = useText();
  const measure = (): void => {
    chooseModel(ref);
    focusLine();
  };
  return (
    <Panel title={t('timeline.load')} fixed>
      <div className={styles.asked}>
        <p>{t('timeline.unmeasured', { step: integer(step) })}</p>
        <Button size="s" onPress={measure}>
          {t('timeline.measure')}
        </Button>
      </div>
    </Panel>
  );
}
