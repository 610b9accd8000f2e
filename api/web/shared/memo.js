// A component that renders again only when a prop changes identity (signals it reads still update it).
//
// Lists whose items come and go must be one, or be what a component answers: the elements around a component keep the
// node it was first drawn as, with everything below, for as long as they stand themselves.
import { Component, h } from '../vendor/preact.js';

export function memo(render) {
  return class Memo extends Component {
    shouldComponentUpdate(next) {
      const names = new Set([...Object.keys(next), ...Object.keys(this.props)]);
      return [...names].some((name) => next[name] !== this.props[name]);
    }

    render(props) { return h(render, props); }
  };
}
