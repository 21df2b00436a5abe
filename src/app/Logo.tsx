// The mark: one track that parts into three.

export function Logo() {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" fill="none" strokeWidth="3" strokeLinecap="round" aria-hidden="true">
      <path d="M3 16h6c8 0 6-9 15-9" stroke="var(--accent)" />
      <path d="M9 16h15" stroke="var(--text-3)" />
      <path d="M9 16c8 0 6 9 15 9" stroke="var(--cat-1)" />
      <circle cx="27" cy="7" r="2.5" fill="var(--accent)" />
      <circle cx="27" cy="16" r="2.5" fill="var(--text-3)" />
      <circle cx="27" cy="25" r="2.5" fill="var(--cat-1)" />
    </svg>
  );
}
