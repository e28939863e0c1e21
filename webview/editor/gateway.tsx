// The gateway's own host names: what callers meet, as last probed.

import * as l10n from '@vscode/l10n';
import type { JSX } from 'preact';
import type { Instance } from '../../src/core/instance.ts';
import type { Survey } from '../../src/core/tls/evidence.ts';
import { Button, Empty, LinkButton, memo, Scroll, Section } from '../parts.tsx';
import { ago, dateTime, expiry } from '../time.ts';
import type { Act } from './app.tsx';
import {
  CertificateCell,
  certificateFacts,
  certificateTone,
  surveyProblem,
  versionAnswers,
  Versions,
} from './evidenceParts.tsx';

interface Row {
  readonly host: string;
  readonly survey: Survey | undefined;
  /** As Azure states it, for hosts that have not been probed. */
  readonly certificateExpiry: string | null;
}

interface GatewayProps {
  readonly instance: Instance;
  readonly surveys: Readonly<Record<string, Survey>>;
  readonly probing: boolean;
  readonly act: Act;
  readonly now: number;
}

export const Gateway = memo(function drawGateway({ instance, surveys, probing, act, now }: GatewayProps): JSX.Element {
  const rows = gatewayRows(instance, surveys);
  const probe = (
    <Button disabled={probing || rows.length === 0} onClick={() => act('probeGateway', undefined)}>
      {l10n.t('Probe gateway')}
    </Button>
  );
  return (
    <Section id="gateway" title={l10n.t('Gateway hosts')} aside={probe}>
      {rows.length === 0 ? (
        <Empty>{l10n.t('Azure states no host name for this gateway.')}</Empty>
      ) : (
        <Scroll label={l10n.t('Table of gateway hosts')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{l10n.t('Host')}</th>
                <th scope="col">{l10n.t('Accepts')}</th>
                <th scope="col">{l10n.t('Certificate')}</th>
                <th scope="col">{l10n.t('Last probe')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <GatewayRow key={row.host} {...row} now={now} show={(host) => act('showSurvey', { host })} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Section>
  );
});

function GatewayRow({
  host,
  survey,
  certificateExpiry,
  now,
  show,
}: Row & { readonly now: number; readonly show: (host: string) => void }): JSX.Element {
  const notProbed = <span class="muted">{l10n.t('not probed')}</span>;
  return (
    <tr>
      <th scope="row">
        <span class="host">{host}</span>
        {survey && surveyProblem(survey) !== '' && <span class="reason">{surveyProblem(survey)}</span>}
      </th>
      <td>{survey ? <Versions answers={versionAnswers(survey)} /> : notProbed}</td>
      <td>
        {survey ? (
          <CertificateCell {...certificateFacts(survey, now)} tone={certificateTone(survey)} />
        ) : certificateExpiry ? (
          l10n.t('{0}, as Azure states it', expiry(certificateExpiry, now))
        ) : (
          notProbed
        )}
      </td>
      <td>
        {survey ? <span title={dateTime(survey.at)}>{ago(survey.at, now)} </span> : notProbed}
        {survey && (
          <LinkButton label={l10n.t('Details of {0}', host)} onClick={() => show(host)}>
            {l10n.t('Details')}
          </LinkButton>
        )}
      </td>
    </tr>
  );
}

/** The hosts that serve calls, each with its survey; hosts that were probed at another port count as well. */
function gatewayRows(instance: Instance, surveys: Readonly<Record<string, Survey>>): Row[] {
  const names = instance.hosts.filter((host) => host.type.toLowerCase() === 'proxy');
  const known =
    names.length > 0
      ? names.map((host) => ({ name: host.hostName, certificateExpiry: host.certificateExpiry }))
      : fromUrl(instance.gatewayUrl);
  const taken = new Set<string>();
  const rows = known.map(({ name, certificateExpiry }): Row => {
    const key = Object.keys(surveys).find((candidate) => candidate === name || candidate.startsWith(`${name}:`));
    if (key !== undefined) taken.add(key);
    return { host: key ?? name, survey: key === undefined ? undefined : surveys[key], certificateExpiry };
  });
  const others = Object.entries(surveys).filter(([key]) => !taken.has(key));
  return [...rows, ...others.map(([host, survey]): Row => ({ host, survey, certificateExpiry: null }))];
}

function fromUrl(url: string | null): { readonly name: string; readonly certificateExpiry: null }[] {
  const parsed = url === null ? null : URL.parse(url);
  return parsed === null ? [] : [{ name: parsed.hostname, certificateExpiry: null }];
}
