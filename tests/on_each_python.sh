#!/usr/bin/env bash
# Run what depends on the Python most, such as the byte-for-byte comparison of the outputs, on
# the supported Pythons that are installed besides the main one. PYTHONS names the versions, and
# TESTS the tests, such as "tests notebooks" for all; versions not found are said to be missing.
set -euo pipefail
cd "$(dirname "$0")/.."
if command -v pyenv >/dev/null; then
  PYENV_VERSION=$(pyenv versions --bare | paste -sd:)  # makes every installed one callable
  export PYENV_VERSION
fi
main=$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
chosen=${TESTS:-tests/test_pipeline.py tests/test_examples.py tests/test_new.py tests/test_load.py tests/test_rerun.py notebooks}
for version in ${PYTHONS:-3.11 3.12 3.13}; do
  if [ "$version" = "$main" ]; then
    continue  # make test-all has run it
  fi
  if ! "python$version" --version >/dev/null 2>&1; then
    echo "Python $version: not installed, not tested"
    continue
  fi
  echo "Python $version"
  make --no-print-directory PYTHON="python$version" VENV=".venv-$version" ".venv-$version/.ready"
  # shellcheck disable=SC2086  # several paths, or none for all
  ".venv-$version/bin/python" -m pytest -n 2 -m "not slow" -o cache_dir=".venv-$version/.pytest_cache" $chosen
done
