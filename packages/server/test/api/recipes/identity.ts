import { type Recipe, success } from './recipe.js'

export const identityRecipes: Recipe[] = [
  success('whoAmI', 'a desk asks', ({ call, cast }) => call('whoAmI', { as: cast.desk, body: {} })),
  success('whoAmI', 'an operator asks for a listener', ({ call, admin, organisation }) =>
    call('whoAmI', { as: admin, body: {}, headers: { 'tract-act-for': `${organisation}/desk` } }),
  ),
]
