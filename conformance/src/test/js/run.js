// SPDX-License-Identifier: Apache-2.0
'use strict';

// node run.js list FILE: the names of the scenarios. node run.js FILE NAME: runs one; ends with 0 when it holds.

const { closeAll } = require('./support');

const [file, name] = process.argv.slice(2);

async function main() {
  if (file === 'list') {
    Object.keys(require(`./${name}.js`)).forEach((each) => console.log(each));
    return;
  }
  await require(`./${file}.js`)[name]();
  await closeAll();
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
