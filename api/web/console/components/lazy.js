// A component whose module is fetched when it is first drawn, so that it costs nothing until then.
import { useEffect, useState } from '../../vendor/hooks.js';
import { html } from '../../shared/html.js';
import { t } from '../../shared/i18n.js';

/** `load` answers the component; what could not be fetched says so and is tried again on press. */
export function lazy(load) {
  let loaded = null;
  return function Lazy(props) {
    const [state, setState] = useState({ turn: 0, failed: false });
    useEffect(() => {
      if (loaded) return;
      load().then((component) => { loaded = component; setState({ turn: state.turn, failed: false, here: true }); },
        () => setState({ turn: state.turn, failed: true }));
    }, [state.turn]);
    if (loaded) return html`<${loaded} ...${props}/>`;
    if (!state.failed) return null;
    return html`<button type="button" class="button small" role="alert"
        onClick=${() => setState({ turn: state.turn + 1, failed: false })}>${t('action.retry')}</button>`;
  };
}
