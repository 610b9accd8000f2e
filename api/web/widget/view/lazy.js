/* A part of the panel that is fetched when it is first wanted. */
import { h, Component } from '../../vendor/preact.js';

/** `load` gives the module's component; what else is given goes to it. Nothing is shown until it is there. */
export class Lazy extends Component {
  state = { Part: null };

  componentDidMount() {
    this.props.load().then((Part) => this.setState({ Part }), () => this.props.onFailed?.());
  }

  render({ load, onFailed, ...props }, { Part }) {
    return Part && h(Part, props);
  }
}
