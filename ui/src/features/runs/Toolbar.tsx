import { DropdownMenu, Popover } from 'radix-ui';
import { get } from '../../api/client';
import type { RunsParameters } from '../../api/hooks';
import type { LiveState } from '../../api/live';
import type { Run, RunPage } from '../../api/types';
import { setPreferences } from '../../app/preferences';
import type { Column } from '../../components/DataTable';
import { Button, ui } from '../../components/ui';
import { download, toCsv } from '../../lib/download';
import { kDefaultColumns } from './columns';

const kExportLimit = 10_000;

async function allRuns(parameters: RunsParameters): Promise<Run[]> {
  const runs: Run[] = [];
  let cursor: string | null = '';
  while (cursor != null && runs.length < kExportLimit) {
    const page: RunPage = await get<RunPage>('runs', { ...parameters, limit: 1000, cursor });
    runs.push(...page.runs);
    cursor = page.next_cursor;
  }
  return runs.slice(0, kExportLimit);
}

const flat = ({ tokens, ...run }: Run) => ({ ...run, input_tokens: tokens.input, output_tokens: tokens.output, total_tokens: tokens.total });

async function exportRuns(parameters: RunsParameters, format: 'csv' | 'json', onNote: (note: string) => void) {
  onNote('reading the runs…');
  try {
    const runs = await allRuns(parameters);
    if (format === 'json') {
      download('runs.json', 'application/json', JSON.stringify(runs, null, 1));
    } else {
      const rows = runs.map(flat);
      const header = Object.keys(rows[0] ?? {});
      download('runs.csv', 'text/csv', toCsv(header, rows.map((row) => header.map((name) => row[name as keyof typeof row]))));
    }
    onNote(runs.length === kExportLimit ? `exported the first ${kExportLimit} runs` : '');
  } catch (error) {
    onNote(error instanceof Error ? error.message : String(error));
  }
}

export function ColumnChooser({ all, shown, onChange }: { all: readonly Column<Run>[]; shown: readonly string[]; onChange: (columns: string[] | null) => void }) {
  const toggle = (id: string) => {
    const next = shown.includes(id) ? shown.filter((other) => other !== id) : all.map((column) => column.id).filter((other) => other === id || shown.includes(other));
    onChange(next.length > 0 ? next : null);
  };
  return (
    <Popover.Root>
      <Popover.Trigger asChild><Button icon="columns">Columns</Button></Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className={ui.popover} align="end" sideOffset={6} aria-label="Columns">
          {all.map(({ id, title }) => (
            <label key={id} className={ui.item}><input type="checkbox" checked={shown.includes(id)} onChange={() => toggle(id)} /><span className="grow">{title}</span></label>
          ))}
          <Button kind="quiet" onClick={() => { onChange(null); setPreferences({ widths: {} }); }} disabled={shown.join() === kDefaultColumns.join()}>Reset</Button>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

export function ExportMenu({ parameters, onNote }: { parameters: RunsParameters; onNote: (note: string) => void }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild><Button icon="download">Export</Button></DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={ui.popover} align="end" sideOffset={6}>
          <DropdownMenu.Item className={ui.item} onSelect={() => void exportRuns(parameters, 'csv', onNote)}>CSV</DropdownMenu.Item>
          <DropdownMenu.Item className={ui.item} onSelect={() => void exportRuns(parameters, 'json', onNote)}>JSON</DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const kLiveText: Record<LiveState, string> = { off: 'Live', connecting: 'Connecting', open: 'Live', waiting: 'Reconnecting' };

export function LiveButton({ state, onToggle }: { state: LiveState; onToggle: () => void }) {
  return (
    <Button kind={state === 'off' ? 'normal' : 'on'} aria-pressed={state !== 'off'} onClick={onToggle} title="Show runs as they happen (L)" icon={state === 'off' ? 'play' : undefined}>
      {state !== 'off' && <i className={ui.pulse} />}{kLiveText[state]}
    </Button>
  );
}
