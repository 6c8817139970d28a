import { Link } from '@tanstack/react-router';
import { Empty, ui } from '../components/ui';
import { View } from './Shell';

export function NotFound() {
  return (
    <View title="No such page" timed={false}>
      <Empty title="There is no page at this address" actions={<Link to="/" className={ui.button}>Go to Home</Link>} />
    </View>
  );
}
