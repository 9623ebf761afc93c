// The package can be had, holds what it should, and says of itself what is so.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import test from 'node:test'
import { HERE, temporary, without } from './helper.js'

const read = name => fs.readFileSync(path.join(HERE, name), 'utf8')
const npm = (args, folder) =>
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, encoding: 'utf8' })

test('the bot of the README is the example, and has ten lines', () => {
  const bot = read('example/echo_bot.js')
  assert.ok(read('README.md').includes(`\`\`\`js\n${bot}\`\`\``))
  assert.ok(bot.split('\n').length - 1 <= 10)
})

const skip = without('zeromq')
test('what npm pack makes can be installed into an empty folder and imported', { skip }, () => {
  const folder = temporary()
  const [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], HERE))
  const files = packed.files.map(file => file.path)
  for (const wanted of ['package.json', 'README.md', 'src/node.js', 'src/browser.js', 'src/index.d.ts', 'bin/zchat-js.js', 'example/echo_bot.js'])
    assert.ok(files.includes(wanted), wanted)
  assert.deepEqual(files.filter(file => !/^(src|bin|example)\/|^(package\.json|README\.md)$/.test(file)), [])
  assert.ok(packed.unpackedSize < 200000)
  const there = path.join(folder, 'there')
  fs.mkdirSync(there)
  //   Without a network: the packed file, and zeromq as it lies here.
  fs.writeFileSync(path.join(there, 'package.json'), '{"type":"module"}')
  npm(['install', '--offline', '--ignore-scripts', '--omit=dev', '--omit=optional', '--omit=peer', '--install-links',
       path.join(folder, packed.filename), path.join(HERE, 'node_modules/zeromq'), path.join(HERE, 'node_modules/cmake-ts'),
       path.join(HERE, 'node_modules/node-addon-api')], there) // prettier-ignore
  const program = `import { Client, permalink } from 'zchat'
    import { Client as InBrowser } from 'zchat/browser'
    console.log(permalink('a', 'b c', 1), typeof Client, Client !== InBrowser)`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: there, encoding: 'utf8' })
  assert.equal(said, 'a/b%20c/1 function true\n')
  const help = execFileSync(process.execPath, ['--input-type=module', '-e', "import 'zchat/core'"], { cwd: there })
  assert.equal(String(help), '')
  assert.ok(fs.existsSync(path.join(there, 'node_modules/.bin/zchat-js')))
})

test('what a browser loads asks for nothing of Node', () => {
  const seen = new Set()
  const look = name => {
    if (seen.has(name)) return
    seen.add(name)
    for (const [, other] of read(`src/${name}`).matchAll(/^(?:import|export)[^'\n]* from '([^']+)'/gm)) {
      assert.match(other, /^\.\//, `${name} imports ${other}`)
      look(other.slice(2))
    }
  }
  look('browser.js')
  assert.ok(seen.has('core.js') && seen.has('zws.js') && !seen.has('node.js'))
})

test('the types are those of what is exported', { skip }, async () => {
  const types = read('src/index.d.ts')
  const node = await import('../src/node.js')
  const browser = await import('../src/browser.js')
  const typed = [...types.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name)
  assert.deepEqual(typed.sort(), Object.keys(node).sort())
  assert.deepEqual(Object.keys(browser).filter(name => !typed.includes(name)), [])
  const body = /^export class Client \{\n(.*?)^\}/ms.exec(types)[1]
  const members = new Set([...body.matchAll(/^  (?:readonly )?(\w+)[(:]/gm)].map(([, name]) => name))
  const real = Object.getOwnPropertyNames(Object.getPrototypeOf(node.Client.prototype))
  assert.deepEqual([...members].sort(), real.sort())
})

test('types', { skip: without('typescript') }, () => {
  const folder = temporary()
  fs.mkdirSync(path.join(folder, 'node_modules'))
  fs.symlinkSync(HERE, path.join(folder, 'node_modules/zchat'))
  fs.copyFileSync(path.join(HERE, 'test/types.ts'), path.join(folder, 'types.ts'))
  const tsc = path.join(HERE, 'node_modules/.bin/tsc')
  const options = { noEmit: true, strict: true, target: 'es2022', module: 'nodenext', types: [] }
  fs.writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['types.ts'] }))
  fs.writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  try {
    execFileSync(tsc, ['-p', '.'], { cwd: folder, encoding: 'utf8' })
  } catch (error) {
    assert.fail(error.stdout)
  }
})
