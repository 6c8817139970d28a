import { View } from '../../app/Shell';
import { useUrl } from '../../app/url';
import { Segments } from '../../components/ui';
import { Prices } from './Prices';
import { Spend } from './Spend';
import css from './Cost.module.css';

const kViews = [['spend', 'Spend'], ['prices', 'Prices']] as const;

export function Cost() {
  const [search, set] = useUrl();
  const prices = search.view === 'prices';
  const pick = <Segments label="What is shown" value={prices ? 'prices' : 'spend'} options={kViews} onChange={(view) => set({ view: view === 'spend' ? '' : view, model: '', provider: '' }, true)} />;
  return <View title="Cost" timed={!prices} actions={pick}><div className={css.page}>{prices ? <Prices /> : <Spend />}</div></View>;
}
