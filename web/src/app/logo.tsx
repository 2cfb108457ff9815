/** The mark of the product. */
export function Logo({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="#0d7a6f" />
      <circle cx="16" cy="16" r="7.5" fill="none" stroke="#fff" strokeWidth="4" />
      <circle cx="23.5" cy="23.5" r="3.4" fill="#ffc857" />
    </svg>
  );
}
