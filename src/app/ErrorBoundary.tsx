// A view that fails says so and can be opened again; the frame, the engine and a run go on.
import { Component, type ReactNode } from 'react';
import { Button } from '../components/Button';
import { ErrorState } from '../components/States';
import { useText } from '../components/TextContext';

interface BoundaryState {
  readonly detail: string | null;
}

export class ErrorBoundary extends Component<{ readonly children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { detail: null };

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { detail: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    const { detail } = this.state;
    return detail === null ? this.props.children : <Crash detail={detail} onRetry={() => this.setState({ detail: null })} />;
  }
}

function Crash({ detail, onRetry }: { readonly detail: string; readonly onRetry: () => void }) {
  const { t } = useText();
  return (
    <ErrorState
      title={t('app.crash.title')}
      what={t('app.crash.what', { detail })}
      next={t('app.crash.next')}
      actions={
        <>
          <Button tone="primary" onPress={onRetry}>
            {t('app.crash.retry')}
          </Button>
          <Button onPress={() => location.reload()}>{t('app.crash.reload')}</Button>
        </>
      }
    />
  );
}
