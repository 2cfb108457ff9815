/** The nonce that our style elements need under the server's Content-Security-Policy. */

/** Return the nonce of this page, empty when the server has put none in. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
}
