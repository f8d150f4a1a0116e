import { createRouter, createWebHistory } from 'vue-router'

// The desk's pages. Paths of nouns are those of the API without /api.
export const router = createRouter({
  history: createWebHistory('/'),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: '/', name: 'map', component: () => import('./map/MapPage.vue') },
    { path: '/lines', name: 'lines', component: () => import('./line/LineList.vue') },
    { path: '/lines/:id', name: 'line', component: () => import('./line/LinePage.vue'), props: true },
    { path: '/markers/:id', name: 'marker', component: () => import('./marker/MarkerPage.vue'), props: true },
    { path: '/inspections', name: 'inspections', component: () => import('./inspection/InspectionList.vue') },
    { path: '/inspections/:id', name: 'inspection', component: () => import('./inspection/InspectionPage.vue'), props: true },
    { path: '/assignments', name: 'assignments', component: () => import('./assignment/AssignmentList.vue') },
    { path: '/names', name: 'names', component: () => import('./name/NamePage.vue') },
    { path: '/proposals', name: 'proposals', component: () => import('./proposal/ProposalList.vue') },
    { path: '/proposals/new', name: 'proposal-new', component: () => import('./proposal/ProposalForm.vue') },
    { path: '/proposals/:id', name: 'proposal', component: () => import('./proposal/ProposalPage.vue'), props: true },
    { path: '/places/:id', name: 'place', component: () => import('./place/PlacePage.vue'), props: true },
    { path: '/divisions/:id', name: 'division', component: () => import('./division/DivisionPage.vue'), props: true },
    { path: '/tracks', name: 'tracks', component: () => import('./track/TrackList.vue') },
    { path: '/tracks/:id', name: 'track', component: () => import('./track/TrackPage.vue'), props: true },
    { path: '/withheld', name: 'withheld', component: () => import('./secrecy/WithheldList.vue') },
    { path: '/account', name: 'own', component: () => import('./account/OwnPage.vue') },
    { path: '/account/password', name: 'password', component: () => import('./account/PasswordPage.vue') },
    { path: '/accounts', name: 'accounts', component: () => import('./account/AccountList.vue') },
    { path: '/accounts/access', name: 'access', component: () => import('./account/AccessPage.vue') },
    { path: '/accounts/:id', name: 'account', component: () => import('./account/AccountPage.vue'), props: true },
    { path: '/offices', name: 'offices', component: () => import('./office/OfficeList.vue') },
    { path: '/sign-in', name: 'sign-in', component: () => import('./session/SignInPage.vue') },
    { path: '/:rest(.*)*', name: 'absent', component: () => import('./shell/AbsentPage.vue') },
  ],
})
