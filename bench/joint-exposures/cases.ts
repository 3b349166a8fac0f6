// The plates of the bench on exposures that are fitted together. Numbers of stars by their density on the sky.
import type { Case } from './plates.ts'

const BENT = { distortion: 30, tilt: 8, magEquation: 2 }
const NEAR: Case['offsetsUm'] = [
  [0, 0],
  [700, 300],
]
const THREE: Case['offsetsUm'] = [
  [0, 0],
  [900, -400],
  [-600, 1100],
]
const FAR: Case['offsetsUm'] = [
  [0, 0],
  [4500, 1500],
]
const FEW = { density: 3 }
const SOME = { density: 8 }
const MANY = { density: 45 }
const base = { width: 2000, field: 1.5 }

export const CASES: readonly Case[] = [
  { name: 'few, two', options: { ...base, ...BENT, ...FEW }, offsetsUm: NEAR, moved: 'plate' },
  {
    name: 'few, three',
    options: { ...base, ...BENT, ...FEW, magSteps: '0 0.8 1.5' },
    offsetsUm: THREE,
    moved: 'plate',
  },
  { name: 'few, two, 4.7 mm', options: { ...base, ...BENT, ...FEW }, offsetsUm: FAR, moved: 'plate' },
  {
    name: 'few, two, telescope moved',
    options: { ...base, ...BENT, ...FEW },
    offsetsUm: NEAR,
    moved: 'telescope',
  },
  {
    name: 'some, three, coma and wobble',
    options: { ...base, ...BENT, ...SOME, coma: 3, wobble: 1.5, magSteps: '0 0.8 1.5' },
    offsetsUm: THREE,
    moved: 'plate',
  },
  {
    name: 'many, two, everything',
    options: { ...base, ...BENT, ...MANY, coma: 3, wobble: 1.5, warp: 2, colour: 1 },
    offsetsUm: FAR,
    moved: 'plate',
  },
  { name: 'many, two', options: { ...base, ...BENT, ...MANY }, offsetsUm: NEAR, moved: 'plate' },
  {
    name: 'some, two telescopes',
    options: { ...base, ...SOME },
    offsetsUm: NEAR,
    moved: 'telescope',
    each: [{ distortion: 30 }, { distortion: -30 }],
    apart: true,
  },
]
