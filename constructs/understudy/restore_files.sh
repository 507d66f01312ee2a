# Counts the files under $ROOT, and hashes those whose paths are given; of none, the oldest, and names the newest.
# In a copy, everything may lie in a folder aws-backup-restore_<time>, and then in $FOLDER, where the access point led.
set -eu
scratch=${TMPDIR:-/tmp}
cd "$ROOT"
for copy in aws-backup-restore_*; do
  if [ -d "$copy" ]; then cd "$copy"; fi
done
if [ -n "$FOLDER" ]; then cd "./$FOLDER"; fi
find . -type f ! -name '*
*' -exec stat -c '%Y %n' {} + > "$scratch"/all
sort -n "$scratch"/all > "$scratch"/sorted
echo "count $(wc -l < "$scratch"/sorted | tr -d ' ')"
one() {
  sum=$(sha256sum < "$1")
  printf 'sample %s %s\n' "${sum%% *}" "$1"
}
if [ $# -eq 0 ]; then
  head -n 40 "$scratch"/sorted > "$scratch"/oldest
  while read -r time path; do one "$path"; done < "$scratch"/oldest
  tail -n 20 "$scratch"/sorted > "$scratch"/newest
  while read -r time path; do printf 'recent %s %s\n' "$time" "$path"; done < "$scratch"/newest
fi
for path in "$@"; do
  if [ -f "$path" ]; then one "$path"; fi
done
echo end
