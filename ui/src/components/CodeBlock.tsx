import { visible } from '../lib/visible';
import css from './CodeBlock.module.css';

export function CodeBlock({ text, wrap = false }: { text: string; wrap?: boolean }) {
  return <pre className={`${css.code} ${wrap ? css.wrap : ''}`} tabIndex={wrap ? undefined : 0} dir="auto"><code>{visible(text)}</code></pre>;
}
