import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button, ErrorBox } from '../components/ui';

// One click, and there is something to look at. The samples are loaded when they are wanted.
export function SampleButton({ stay = false, onSend }: { stay?: boolean; onSend?: () => void }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const sending = useMutation({
    mutationFn: async () => {
      const { sendSample } = await import('../features/sample/send');
      onSend?.();
      return sendSample();
    },
    onSuccess: async () => {
      await client.invalidateQueries();
      if (!stay) void navigate({ to: '/ui/runs', search: { since: '1h' } as never });
    },
  });
  if (sending.isError) return <ErrorBox error={sending.error} onRetry={() => sending.mutate()} />;
  if (sending.isSuccess && stay) return <span role="status">{sending.data} sample runs sent, of services named sample-…</span>;
  return <Button kind={stay ? 'normal' : 'primary'} disabled={sending.isPending} onClick={() => sending.mutate()}>{sending.isPending ? 'Sending' : 'Send sample data'}</Button>;
}
