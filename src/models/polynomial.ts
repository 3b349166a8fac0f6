// Plate models: how standard coordinates depend on the place on the plate. Each is a list of powers of the scaled
// coordinates u, v ∈ [−1, 1]; the same terms serve ξ and η (König 1933; Eichhorn 1974, Astronomy of Star Positions, ch. 2).

export interface PlateModel {
  name: string
  degree: number
  /** Terms per axis. */
  terms: number
  /** The powers (of u, of v) of each term. */
  powers: readonly (readonly [number, number])[]
}

/** Every power of total degree up to n, constant first, then by degree. */
export function polynomialModel(name: string, degree: number): PlateModel {
  const powers: [number, number][] = []
  for (let total = 0; total <= degree; total++) for (let j = 0; j <= total; j++) powers.push([total - j, j])
  return { name, degree, terms: powers.length, powers }
}

/** From few constants to many: 6, 12 and 20 plate constants, and the higher ones that only wide plates can pay for. */
export const PLATE_MODELS: readonly PlateModel[] = [
  polynomialModel('affine', 1),
  polynomialModel('quadratic', 2),
  polynomialModel('cubic', 3),
  polynomialModel('quartic', 4),
  polynomialModel('quintic', 5),
]

/** The values of the model's terms at scaled coordinates (u, v), written to `into` from `at`. */
export function termsAt(model: PlateModel, u: number, v: number, into: Float64Array, at = 0): void {
  for (let k = 0; k < model.terms; k++) {
    const [i, j] = model.powers[k]!
    into[at + k] = u ** i * v ** j
  }
}
