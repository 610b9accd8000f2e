// A component that renders again only when a prop changes identity (signals it reads still update it).
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
