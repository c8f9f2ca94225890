import { createHash } from 'node:crypto';

/** A page of the provider: complete, without a script, and with the policy that it needs. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #fff; --ground: #f3f4f6; --line: #8c959f; --accent: #0b57d0; --on-accent: #fff; --alarm: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #eceef0; --soft: #a8b0b9; --paper: #1c2128; --ground: #10141a; --line: #768390; --accent: #8ab4f8; --on-accent: #10141a; --alarm: #ff9b94; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: min(24rem, calc(100vw - 2rem)); padding: 2rem; background: var(--paper); border: 1px solid color-mix(in srgb, var(--line) 40%, transparent); border-radius: .75rem; }
h1 { margin: 0 0 .25rem; font-size: 1.375rem; line-height: 1.25; }
p { margin: 0 0 1.25rem; color: var(--soft); }
.alarm { padding: .625rem .75rem; border: 1px solid var(--alarm); border-radius: .375rem; color: var(--alarm); }
label { display: block; margin: 0 0 .25rem; font-weight: 600; }
input { width: 100%; margin: 0 0 1rem; padding: .625rem .75rem; font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: .375rem; }
button { width: 100%; padding: .6875rem; font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: .375rem; cursor: pointer; }
button.second { margin-top: .75rem; color: var(--ink); background: transparent; border-color: var(--line); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
`;
const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

export interface SignInPage {
  readonly action: string;
  readonly email: string;
  readonly problem: string | null;
  /** The origin that the form leads to in the end: browsers hold redirects after a form to `form-action` too. */
  readonly clientOrigin: string;
}

/** The form. It works without a script, with a password manager, with a keyboard and with a screen reader. */
export function signInPage({ action, email, problem, clientOrigin }: SignInPage): Page {
  const alarm = problem === null ? '' : `<p class="alarm" role="alert" id="problem">${escape(problem)}</p>`;
  const described = problem === null ? '' : ' aria-describedby="problem" aria-invalid="true"';
  const focus = (wanted: boolean) => (wanted ? ' autofocus' : '');
  return page({
    title: problem === null ? 'Sign in to Assay' : 'Not signed in: Assay',
    formAction: `'self' ${clientOrigin}`,
    body: `<h1>Sign in to Assay</h1>
<p>With the account of your organisation.</p>
${alarm}
<form method="post" action="${escape(action)}">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="254" value="${escape(email)}"${described}${focus(email === '')}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"${described}${focus(email !== '')}>
<button type="submit">Sign in</button>
</form>`,
  });
}

/** Asks before it signs out; `form` is the provider's own, with its secret. */
export function signOutPage(form: string, clientOrigin: string): Page {
  return page({
    title: 'Sign out of Assay',
    formAction: `'self' ${clientOrigin}`,
    body: `<h1>Sign out of Assay?</h1>
<p>Every application that you opened with this sign-in ends with it.</p>
${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>
<button type="submit" form="op.logoutForm" class="second">Stay signed in</button>`,
  });
}

/** Says something and leads back. */
export function messagePage(title: string, message: string, back: string): Page {
  const body = `<h1>${escape(title)}</h1>\n<p>${escape(message)}</p>\n<a href="${escape(back)}">Back to Assay</a>`;
  return page({ title: `${title}: Assay`, formAction: "'none'", body });
}

function page({ title, formAction, body }: { title: string; formAction: string; body: string }): Page {
  return {
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src ${STYLE_HASH}; form-action ${formAction}; frame-ancestors 'none'; base-uri 'none'`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    },
  };
}

function escape(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
