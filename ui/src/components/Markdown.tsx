// Markdown from strangers. The lexer's tokens become React elements one by one, so there is no HTML
// to sanitise: HTML stays text, images are named and never loaded, links show where they lead.
import { lexer, type Token, type Tokens } from 'marked';
import { memo, useMemo, type ReactNode } from 'react';
import { visible } from '../lib/visible';
import css from './Markdown.module.css';

const kMaxDepth = 12;
const kMaxLength = 100_000;

export function safeTarget(href: string): string | null {
  try {
    const url = new URL(href);
    return /^(https?|mailto):$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

const decoder: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
const plain = (text: string) => visible(text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => decoder[entity]!));

function link(token: Tokens.Link, key: number, depth: number): ReactNode {
  const target = safeTarget(token.href);
  const label = inline(token.tokens, depth + 1);
  if (!target) return <span key={key}>{label} <span className={css.target}>({visible(token.href)})</span></span>;
  const same = token.text === token.href || token.text === target;
  return (
    <span key={key}>
      <a href={target} target="_blank" rel="noopener noreferrer nofollow">{label}</a>
      {!same && <span className={css.target}> ({visible(target)})</span>}
    </span>
  );
}

function inlineOne(token: Token, key: number, depth: number): ReactNode {
  const children = () => ('tokens' in token && token.tokens ? inline(token.tokens, depth + 1) : plain('text' in token ? String(token.text) : token.raw));
  switch (token.type) {
    case 'strong': return <strong key={key}>{children()}</strong>;
    case 'em': return <em key={key}>{children()}</em>;
    case 'del': return <del key={key}>{children()}</del>;
    case 'codespan': return <code key={key}>{plain((token as Tokens.Codespan).text)}</code>;
    case 'br': return <br key={key} />;
    case 'link': return link(token as Tokens.Link, key, depth);
    case 'image': return <span key={key} className={css.image} title="Images from elsewhere are not loaded">image: {visible((token as Tokens.Image).text || 'without a description')} <span>{visible((token as Tokens.Image).href)}</span></span>;
    case 'text': return <span key={key}>{children()}</span>;
    default: return <span key={key}>{visible(token.raw)}</span>;  // HTML among them
  }
}

function inline(tokens: Token[], depth: number): ReactNode {
  if (depth > kMaxDepth) return visible(tokens.map(({ raw }) => raw).join(''));
  return tokens.map((token, i) => inlineOne(token, i, depth));
}

function table(token: Tokens.Table, key: number, depth: number): ReactNode {
  return (
    <table key={key}>
      <thead><tr>{token.header.map((cell, i) => <th key={i}>{inline(cell.tokens, depth + 1)}</th>)}</tr></thead>
      <tbody>{token.rows.map((row, i) => <tr key={i}>{row.map((cell, j) => <td key={j}>{inline(cell.tokens, depth + 1)}</td>)}</tr>)}</tbody>
    </table>
  );
}

function block(token: Token, key: number, depth: number): ReactNode {
  if (depth > kMaxDepth) return <p key={key}>{visible(token.raw)}</p>;
  switch (token.type) {
    case 'space': case 'def': return null;
    case 'heading': {
      const { depth: level, tokens } = token as Tokens.Heading;
      const Tag = level <= 1 ? 'h3' : level === 2 ? 'h4' : 'h5';
      return <Tag key={key}>{inline(tokens, depth + 1)}</Tag>;
    }
    case 'paragraph': return <p key={key} dir="auto">{inline((token as Tokens.Paragraph).tokens, depth + 1)}</p>;
    case 'code': return <pre key={key} tabIndex={0}><code>{visible((token as Tokens.Code).text)}</code></pre>;
    case 'blockquote': return <blockquote key={key}>{blocks((token as Tokens.Blockquote).tokens, depth + 1)}</blockquote>;
    case 'list': {
      const { ordered, items, start } = token as Tokens.List;
      const children = items.map((item, i) => <li key={i}>{item.task && (item.checked ? '☑ ' : '☐ ')}{blocks(item.tokens, depth + 1)}</li>);
      return ordered ? <ol key={key} start={typeof start === 'number' ? start : 1}>{children}</ol> : <ul key={key}>{children}</ul>;
    }
    case 'table': return table(token as Tokens.Table, key, depth);
    case 'hr': return <hr key={key} />;
    case 'text': return <span key={key}>{'tokens' in token && token.tokens ? inline(token.tokens, depth + 1) : plain(token.raw)}</span>;
    default: return <p key={key}>{visible(token.raw)}</p>;
  }
}

const blocks = (tokens: Token[], depth: number): ReactNode => tokens.map((token, i) => block(token, i, depth));

export const Markdown = memo(function Markdown({ text }: { text: string }) {
  const content = useMemo(() => {
    if (text.length > kMaxLength) return null;
    try {
      return blocks(lexer(text, { gfm: true, breaks: true }), 0);
    } catch {
      return null;
    }
  }, [text]);
  return content ? <div className={css.md} dir="auto">{content}</div> : <div className={css.plain} dir="auto">{visible(text)}</div>;
});
