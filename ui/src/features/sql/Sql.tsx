import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { post } from '../../api/client';
import type { SqlResult } from '../../api/types';
import { keepRange, View } from '../../app/Shell';
import { useUrl } from '../../app/url';
import { useCommands } from '../../commands/registry';
import { DataTable, type Column } from '../../components/DataTable';
import { SavedMenu } from '../../components/SavedMenu';
import { Button, Empty, ErrorBox, Kbd, Segments, SkeletonRows, ui } from '../../components/ui';
import { download, toCsv } from '../../lib/download';
import { duration, plural } from '../../lib/format';
import { useSaved } from '../../lib/saved';
import { oneLine } from '../../lib/visible';
import { Chart } from './Chart';
import { kExamples, kTables } from './schema';
import css from './Sql.module.css';

type Row = { index: number; cells: unknown[] };

function columnsOf({ columns, rows }: SqlResult): Column<Row>[] {
  return columns.map(({ name, type }, i) => {
    const numeric = /INT|DOUBLE|FLOAT|DECIMAL/.test(type) && !type.endsWith('[]');
    const widest = Math.max(name.length, ...rows.slice(0, 50).map((row) => Math.min(60, shown(row[i]).length)));
    return { id: `${i}`, title: name, hint: type, width: Math.min(480, Math.max(80, widest * 7.4 + 26)), right: numeric,
             cell: ({ cells }) => <span title={shown(cells[i]).slice(0, 2000)} style={{ fontFamily: 'var(--mono)', fontSize: 12, color: cells[i] == null ? 'var(--text-faint)' : undefined }}>{shown(cells[i])}</span> };
  });
}

function shown(value: unknown): string {
  return value == null ? 'null' : oneLine(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function Schema({ onInsert }: { onInsert: (text: string) => void }) {
  return (
    <aside className={css.schema} aria-label="Tables">
      {kTables.map(({ name, columns }) => (
        <details key={name} open={name === 'runs'}>
          <summary>{name}</summary>
          {columns.map(([column, type]) => <button key={column} type="button" className={css.column} onClick={() => onInsert(column)} title={`Insert ${column}`}><span>{column}</span><span>{type}</span></button>)}
        </details>
      ))}
    </aside>
  );
}

function Result({ result }: { result: SqlResult }) {
  const navigate = useNavigate();
  const columns = useMemo(() => columnsOf(result), [result]);
  const rows = useMemo(() => result.rows.map((cells, index) => ({ index, cells })), [result]);
  const trace = result.columns.findIndex(({ name }) => name === 'trace_id');
  if (rows.length === 0) return <Empty title="No rows">The query ran, and nothing matched it.</Empty>;
  return <DataTable label="Result" rows={rows} columns={columns} keyOf={({ index }) => String(index)} rowHeight={28}
                    onPick={trace < 0 ? undefined : ({ cells }) => void navigate({ to: '/ui/runs/$traceId', params: { traceId: String(cells[trace]) }, search: keepRange as never })} />;
}

// Ask anything else. The query is in the URL, so a result can be shared.
export function Sql() {
  const [search, set] = useUrl();
  const [text, setText] = useState(search.sql ?? kExamples[0]!.sql);
  const saved = useSaved<string>('queries');
  const editor = useRef<HTMLTextAreaElement>(null);
  const run = useMutation({ mutationFn: (query: string) => post<SqlResult>('sql', { query }) });
  const submit = (query: string) => {
    if (query.trim() === '') return;
    set(query === search.sql ? {} : { sql: query, x: '', y: '' }, true);
    run.mutate(query);
  };
  const { mutate } = run;
  const started = useRef(false);
  useEffect(() => {
    if (search.sql && !started.current) mutate(search.sql);
    started.current = true;
  }, [search.sql, mutate]);
  const insert = (name: string) => {
    const area = editor.current!;
    area.setRangeText(name, area.selectionStart, area.selectionEnd, 'end');
    setText(area.value);
    area.focus();
  };
  useCommands([
    { id: 'sql.run', title: 'Run the query', group: 'SQL', keys: 'Mod+Enter', run: () => submit(text) },
    { id: 'sql.focus', title: 'Edit the query', group: 'SQL', keys: '/', run: () => editor.current?.focus() },
  ]);
  const result = run.data;
  const chart = search.show === 'chart';
  return (
    <View title="SQL" timed={false}>
      <div className={css.panes} style={{ height: '100%' }}>
        <Schema onInsert={insert} />
        <div className={css.main}>
          <div className={css.editor}>
            <textarea ref={editor} value={text} onChange={(event) => setText(event.target.value)} spellCheck={false} aria-label="Query" />
            <div className={css.actions}>
              <Button kind="primary" onClick={() => submit(text)} disabled={run.isPending}>{run.isPending ? 'Running' : 'Run'}</Button><Kbd keys="Mod+Enter" />
              <span className={`${ui.faint} ${ui.grow}`} role="status">{result && !run.isPending && `${plural(result.rows.length, 'row')} in ${duration(result.elapsed_ms)}${result.truncated ? ', cut: add a LIMIT or aggregate' : ''}`}</span>
              <SavedMenu title="Saved" what="query" current={saved.items.find(({ value }) => value === text)?.name ?? ''} items={saved.items} onPick={({ value }) => { setText(value); submit(value); }} onSave={(name) => saved.save(name, text)} onRemove={saved.remove} />
              {result && result.rows.length > 0 && <Segments label="How the result is shown" value={chart ? 'chart' : 'table'} options={[['table', 'Table'], ['chart', 'Chart']]} onChange={(show) => set({ show: show === 'table' ? '' : show })} />}
              {result && result.rows.length > 0 && <Button icon="download" onClick={() => download('result.csv', 'text/csv', toCsv(result.columns.map(({ name }) => name), result.rows))}>CSV</Button>}
              <a href="https://duckdb.org/docs/stable/sql/introduction" target="_blank" rel="noopener noreferrer">DuckDB’s SQL</a>
            </div>
          </div>
          <div className={css.result}>
            {run.isError ? <div style={{ padding: 16 }}><ErrorBox error={run.error} /></div> : run.isPending ? <SkeletonRows rows={8} height={28} /> : result ? (chart && result.rows.length > 0 ? <Chart result={result} /> : <Result result={result} />) : (
              <div className={css.examples}>
                {kExamples.map(({ title, note, sql }) => <button key={title} type="button" className={css.example} onClick={() => { setText(sql); submit(sql); }}><strong>{title}</strong><span>{note}</span></button>)}
              </div>
            )}
          </div>
        </div>
      </div>
    </View>
  );
}
