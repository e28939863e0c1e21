// Servers of several makers with the certificates of one test run: OpenSSL, GnuTLS, NSS, nginx, Apache, HAProxy, stunnel.

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { opensslServer, type Pki, type Running } from '../unit/probe/servers.ts';
import { environment, launch } from './processes.ts';

export type Start = (pki: Pki) => Promise<Running>;

/** `openssl s_server`; words of the form "@name" become the path of a file of the PKI. */
export function opensslOf(certificate: string, ...args: readonly string[]): Start {
  return (pki) => opensslServer([...(certificate === '' ? ['-nocert'] : pki.args(certificate)), ...named(pki, args)]);
}

function named(pki: Pki, args: readonly string[]): readonly string[] {
  return args.map((arg) => (arg.startsWith('@') ? pki.file(arg.slice(1)) : arg));
}

/** `gnutls-serv` with a priority string. It asks for a client certificate unless told otherwise. */
export function gnutlsOf(certificate: string, priority: string, ...args: readonly string[]): Start {
  return (pki) =>
    launch({
      command: 'gnutls-serv',
      args: (port) => [
        ...['-p', String(port), '--http', '--priority', priority],
        ...['--x509keyfile', pki.file(`${certificate}.key`), '--x509certfile', pki.file(`${certificate}.crt`)],
        ...named(pki, args),
      ],
      ready: /IPv4 .*\.\.\.done/,
    });
}

/** `selfserv` of NSS, which still has SSL 3.0. */
export function nssOf(certificate: string, ...args: readonly string[]): Start {
  return (pki) =>
    launch({
      command: 'selfserv',
      args: (port) => {
        const nickname = pki.pem(certificate).length > 0 && isEcdsa(pki, certificate) ? '-e' : '-n';
        return [nickname, certificate, '-p', String(port), '-d', `sql:${nssDatabase(pki)}`, '-v', ...args];
      },
      ready: /About to call accept/,
    });
}

function isEcdsa(pki: Pki, certificate: string): boolean {
  return /ecdsa|p256|p384|p521/.test(certificate) && existsSync(pki.file(`${certificate}.key`));
}

/** A database of NSS with every RSA and ECDSA certificate of the PKI, in which its root is trusted. */
export function nssDatabase(pki: Pki): string {
  const directory = pki.file('nss');
  if (existsSync(directory)) return directory;
  mkdirSync(directory);
  const run = (command: string, ...args: readonly string[]): void => {
    execFileSync(command, args, { env: environment, stdio: 'pipe' });
  };
  run('certutil', '-N', '-d', `sql:${directory}`, '--empty-password');
  run('certutil', '-A', '-d', `sql:${directory}`, '-n', 'root', '-t', 'CT,C,C', '-i', pki.file('root.crt'));
  const names = readdirSync(pki.directory).flatMap((file) => /^(rsa|ecdsa|caller)\.crt$/.exec(file)?.[1] ?? []);
  for (const name of names) {
    const files = ['-inkey', pki.file(`${name}.key`), '-in', pki.file(`${name}.crt`), '-out', pki.file(`${name}.p12`)];
    run('openssl', 'pkcs12', '-export', ...files, '-name', name, '-passout', 'pass:x');
    run('pk12util', '-i', pki.file(`${name}.p12`), '-d', `sql:${directory}`, '-W', 'x', '-K', '');
  }
  return directory;
}

/** nginx in the foreground, in one process. `settings` stand in its one server. */
export function nginxOf(settings: string): Start {
  return (pki) => {
    const directory = folder(pki, 'nginx');
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
    return launch({
      command: 'nginx',
      args: (port) => {
        const listen = `listen 127.0.0.1:${port} ssl;`;
        const server = `server { ${listen} ${paths(pki, settings)} location / { return 200 "ok"; } }`;
        writeFileSync(
          `${directory}/nginx.conf`,
          `daemon off; master_process off; pid nginx.pid; error_log stderr notice; events {}
           http { access_log off; ${temporary.join(' ')} ${server} }`,
        );
        return ['-p', directory, '-c', `${directory}/nginx.conf`, '-e', 'stderr'];
      },
      ready: /getrlimit/,
    });
  };
}

/** Every "@name" in a configuration becomes the path of a file of the PKI. */
function paths(pki: Pki, settings: string): string {
  return settings.replaceAll(/@([a-z][\w.]*)/g, (_, name: string) => pki.file(name));
}

let folders = 0;

function folder(pki: Pki, name: string): string {
  const directory = pki.file(`${name}${(folders += 1)}`);
  mkdirSync(directory);
  return directory;
}

/** Apache in one process. Serves "/" and "/secure/", both with a page; `settings` stand in the one server. */
export function apacheOf(settings: string): Start {
  return (pki) => {
    const directory = folder(pki, 'apache');
    mkdirSync(`${directory}/pages/secure`, { recursive: true });
    for (const page of ['pages/index.html', 'pages/secure/index.html']) writeFileSync(`${directory}/${page}`, 'ok\n');
    // Apache gives up the rights of root before it reads its pages.
    chmodSync(pki.directory, 0o755);
    const modules = ['mpm_event', 'authz_core', 'dir', 'ssl', 'socache_shmcb'];
    return launch({
      command: 'apache2',
      args: (port) => {
        writeFileSync(
          `${directory}/apache.conf`,
          [
            'ServerRoot /usr/lib/apache2',
            ...modules.map((name) => `LoadModule ${name}_module modules/mod_${name}.so`),
            ...['ErrorLog "|/bin/cat"', `DefaultRuntimeDir ${directory}`, `PidFile ${directory}/pid`],
            ...['User nobody', 'Group nogroup', 'ServerName localhost', `Listen 127.0.0.1:${port}`],
            ...[
              `DocumentRoot ${directory}/pages`,
              'DirectoryIndex index.html',
              'SSLSessionCache none',
              'LogLevel mpm_event:debug',
            ],
            ...['<Directory />', 'Require all granted', '</Directory>', 'SSLEngine on', paths(pki, settings)],
          ].join('\n'),
        );
        return ['-X', '-f', `${directory}/apache.conf`];
      },
      ready: /start_threads/,
    });
  };
}

/** HAProxy, whose worker ends with its master; `bind` are the words after "ssl crt FILE". */
export function haproxyOf(certificate: string, bind: string): Start {
  return (pki) => {
    const directory = folder(pki, 'haproxy');
    const pem = `${directory}/server.pem`;
    writeFileSync(pem, pki.pem(certificate) + readFileSync(pki.file(`${certificate}.key`), 'utf8'));
    return launch({
      command: 'haproxy',
      args: (port) => {
        writeFileSync(
          `${directory}/haproxy.cfg`,
          [
            ...['global', 'tune.ssl.default-dh-param 2048', 'defaults', 'mode http'],
            ...['timeout client 10s', 'timeout server 10s', 'timeout connect 10s', 'frontend all'],
            `bind 127.0.0.1:${port} ssl crt ${pem} ${paths(pki, bind)}`,
            ...['http-request return status 200', ''],
          ].join('\n'),
        );
        return ['-W', '-db', '-f', `${directory}/haproxy.cfg`];
      },
      ready: /Loading success/,
    });
  };
}

/** stunnel in front of a program that answers any request with a status line. */
export function stunnelOf(certificate: string, settings: string): Start {
  return (pki) => {
    const directory = folder(pki, 'stunnel');
    return launch({
      command: 'stunnel4',
      args: (port) => {
        writeFileSync(
          `${directory}/stunnel.conf`,
          [
            ...['foreground = yes', 'pid =', 'socket = l:SO_REUSEADDR=1', '[server]', `accept = 127.0.0.1:${port}`],
            ...['exec = /bin/echo', 'execArgs = echo HTTP/1.1 200 OK'],
            ...[`cert = ${pki.file(`${certificate}.crt`)}`],
            ...[`key = ${pki.file(`${certificate}.key`)}`, paths(pki, settings), ''],
          ].join('\n'),
        );
        return [`${directory}/stunnel.conf`];
      },
      ready: /Configuration successful/,
    });
  };
}
